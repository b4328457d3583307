"use strict";
// What the page does beyond showing itself: theme, filters, keys, copying. Without it all content is there and readable.
// It sends nothing, makes no markup of any text, and keeps one thing: the theme chosen.

const $ = (selector, root = document) => root.querySelector(selector);
const all = (selector, root = document) => [...root.querySelectorAll(selector)];
const root = document.documentElement;

// ---- theme

function toggleTheme() {
  const dark = matchMedia("(prefers-color-scheme: dark)").matches;
  const now = root.dataset.theme ?? (dark ? "dark" : "light");
  root.dataset.theme = now === "dark" ? "light" : "dark";
  try { localStorage.setItem("openai-conformance-theme", root.dataset.theme); } catch { /* forbidden: for this page only */ }
}
$("#theme").addEventListener("click", toggleTheme);

// ---- filters: each field is compared with the check's data of the same name; they stand in the address, to be passed on

const form = $("form.filters");
const fields = form ? all("input, select", form) : [];
const checks = all(".check");
const words = new Map(); // what a check says, read when it is first looked for

function says(check) {
  if (!words.has(check)) words.set(check, `${check.id} ${check.textContent}`.toLowerCase());
  return words.get(check);
}

function fits(check) {
  return fields.every((field) => {
    if (field.type === "checkbox") return !field.checked || field.id in check.dataset;
    if (!field.value) return true;
    if (field.id !== "text") return check.dataset[field.id] === field.value;
    return field.value.toLowerCase().split(/\s+/).every((word) => says(check).includes(word));
  });
}

function filter() {
  for (const check of checks) check.hidden = !fits(check);
  const shown = checks.filter((check) => !check.hidden).length;
  const chosen = fields.filter((field) => (field.type === "checkbox" ? field.checked : field.value));
  for (const group of all(".group")) {
    group.hidden = !group.querySelector(".check:not([hidden])");
    if (group.matches("details")) group.open = chosen.length > 0 && !group.hidden;
  }
  $("#found").textContent = chosen.length ? `${shown} of ${checks.length} checks` : `${checks.length} checks`;
  for (const note of all("[data-whole]")) note.hidden = chosen.length > 0;
  return chosen;
}

function filterAndTell() {
  const chosen = filter().map((field) => `${field.id}=${encodeURIComponent(field.type === "checkbox" ? "" : field.value)}`);
  history.replaceState(null, "", chosen.length ? `#${chosen.join("&")}` : location.pathname + location.search);
}

function clear() {
  form.reset();
  filter();
}

// ---- addresses: #check-id goes to a check, whatever hides it; #level=must&text=usage sets the filters

function arrive() {
  const hash = location.hash.slice(1);
  if (form && /^(\w+=[^&]*)(&\w+=[^&]*)*$/.test(hash)) {
    form.reset();
    for (const [name, value] of new URLSearchParams(hash)) {
      const field = fields.find((each) => each.id === name);
      if (field?.type === "checkbox") field.checked = true;
      else if (field) field.value = value;
    }
    filter();
    form.scrollIntoView();
    return;
  }
  let id = hash;
  try { id = decodeURIComponent(hash); } catch { /* not encoded: as it is */ }
  const target = id && document.getElementById(id);
  if (!target) return;
  if (target.hidden || target.closest("[hidden]")) clear();
  for (let each = target; each; each = each.parentElement) if (each.tagName === "DETAILS") each.open = true;
  if (checks.includes(target)) here = target;
  target.scrollIntoView();
}

// ---- keys

let here = null;
const keys = $("#keys");

function step(by) {
  const shown = checks.filter((check) => !check.hidden && check.checkVisibility());
  if (!shown.length) return;
  const at = shown.indexOf(here);
  here?.classList.remove("at");
  here = shown[at < 0 ? (by > 0 ? 0 : shown.length - 1) : Math.min(shown.length - 1, Math.max(0, at + by))];
  here.classList.add("at");
  (here.matches("details") ? $("summary", here) : $("h3 a, a, summary", here))?.focus({ preventScroll: true });
  here.scrollIntoView({ block: here.offsetHeight < innerHeight ? "nearest" : "start" });
}

function details(scope) {
  return scope.matches("details") ? [scope] : all("details", scope);
}

function flip(list) {
  const open = !list.every((each) => each.open);
  for (const each of list) each.open = open;
}

const actions = {
  "/": () => { $("#text")?.focus(); $("#text")?.select(); },
  j: () => step(1),
  k: () => step(-1),
  o: () => here && flip(details(here)),
  e: () => flip(checks.filter((check) => !check.hidden).flatMap(details)),
  x: () => form && (clear(), filterAndTell()),
  t: toggleTheme,
  "?": () => keys?.showModal(),
};

document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && event.target.id === "text") event.target.blur();
  if (event.ctrlKey || event.metaKey || event.altKey || event.target.matches("input, select, textarea")) return;
  if (keys?.open || $("#keys-on")?.checked === false || !Object.hasOwn(actions, event.key)) return;
  event.preventDefault();
  actions[event.key]();
});
$("#show-keys")?.addEventListener("click", () => keys.showModal());

// ---- copying

document.addEventListener("click", async (event) => {
  const button = event.target.closest("button.copy");
  if (!button) return;
  const source = $("pre", button.parentElement);
  try {
    await navigator.clipboard.writeText(source.textContent);
    button.textContent = "Copied";
  } catch {
    getSelection().selectAllChildren(source);
    button.textContent = "Selected";
  }
  setTimeout(() => { button.textContent = "Copy"; }, 1500);
});

// ---- begin

if (form) {
  let soon;
  form.addEventListener("input", () => { clearTimeout(soon); soon = setTimeout(filterAndTell, 80); });
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("reset", () => setTimeout(filterAndTell));
  for (const link of all("a[data-area]")) {
    link.addEventListener("click", (event) => {
      event.preventDefault();
      form.reset();
      $("#area").value = link.dataset.area;
      filterAndTell();
      form.scrollIntoView();
    });
  }
  filter();
}
addEventListener("hashchange", arrive);
arrive();
