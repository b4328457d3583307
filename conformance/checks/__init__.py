"""What must hold, by area: one file an area, one function a requirement. A check sends nothing and reads no clock."""
