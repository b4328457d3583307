"""What tests share: servers that misbehave, damaged answers, recordings made on the spot, the command in this process."""
