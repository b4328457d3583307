"""What both official SDKs make of every lie of the reference, measured: `nox -s sdks` keeps conformance/explanations/sdks.toml true."""
