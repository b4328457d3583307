"""Official clients as witnesses: what they made of an exchange, replayed from its bytes, as plain data. Nothing is sent."""
