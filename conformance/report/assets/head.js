"use strict";
// Before anything is drawn: that scripts run, and the theme chosen last time.
document.documentElement.classList.add("js");
try {
  const theme = localStorage.getItem("openai-conformance-theme");
  if (theme === "light" || theme === "dark") document.documentElement.dataset.theme = theme;
} catch { /* storage is forbidden: the system's theme it is */ }
