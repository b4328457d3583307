// Filters the table of all checks by what its form says, and keeps that in the address.
(() => {
  const form = document.querySelector("#filters");
  const rows = [...document.querySelectorAll("table.checks tbody tr")];
  const said = form.querySelector("output");
  const fields = [...form.querySelectorAll("select, input")];
  const texts = new Map(rows.map((row) => [row, row.textContent.toLowerCase()]));

  function fits(row) {
    return fields.every(({ name, value }) => {
      if (name === "words") {
        return value.toLowerCase().split(/\s+/).every((word) => texts.get(row).includes(word));
      }
      return !value || row.dataset[name].split(" ").includes(value);
    });
  }

  function show() {
    let found = 0;
    for (const row of rows) {
      row.hidden = !fits(row);
      found += !row.hidden;
    }
    said.textContent = `${found} of ${rows.length} checks`;
    const chosen = new URLSearchParams(fields.filter(({ value }) => value).map(({ name, value }) => [name, value]));
    try {
      history.replaceState(null, "", `${location.pathname}${chosen.size ? `?${chosen}` : ""}${location.hash}`);
    } catch {
      // a page from the disk may not change its address
    }
  }

  for (const [name, value] of new URLSearchParams(location.search)) {
    const field = fields.find((each) => each.name === name);
    if (field) field.value = value;
  }
  form.addEventListener("input", show);
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("reset", () => setTimeout(show));
  form.hidden = false;
  show();
})();
