"""What both official SDKs make of the lies of the reference: `nox -s sdks` measures it for conformance/clients/sdks.toml."""
