"""Both ends of a gateway at once: each request as it was sent and as it reached the upstream, each answer likewise, and laws over both."""
