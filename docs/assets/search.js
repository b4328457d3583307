// Runs the theme's search, and puts what it finds in order: a check whose id was typed first, then pages whose title holds all
// words, then checks as `openai-conformance explain WORDS` ranks them (conformance/cli/search.py), then the rest as it came.
const SETUP = 0, QUERY = 2, RESULT = 3;
const MOST = 30; // checks that are put first

let table, asked = "";
const pages = new Map();
const loaded = fetch("../search/checks.json").then((answer) => answer.json());

const post = self.postMessage.bind(self);
self.postMessage = async (message) => {
  table ??= await loaded.catch(() => null); // without the table, what the theme found stays as it is
  if (message.type === RESULT && table) message.data.items = ordered(message.data.items);
  post(message);
};

// Before the theme's own listener, which is added when its script runs.
self.addEventListener("message", ({ data: { type, data } }) => {
  if (type === SETUP) for (const page of data.docs) pages.set(page.location, page);
  if (type === QUERY) asked = data;
});
importScripts("search.theme.js");

function ordered(groups) {
  const found = new Map(groups.map((group) => [group[0].location, group]));
  const words = wordsOf(asked);
  const exact = table.ids.filter((id) => id === asked.trim().toLowerCase());
  const titled = groups.filter(([page]) => !page.location.startsWith("checks/") && holds(page, words));
  const checks = [...exact, ...ranked(words)].map(
    (id) => found.get(`checks/${id}.html`) ?? [{ ...pages.get(`checks/${id}.html`), score: 1, terms: {} }]);
  return [...new Set([...checks.splice(0, exact.length), ...titled, ...checks, ...groups])];
}

function wordsOf(text) {
  return (text.toLowerCase().match(/[\p{L}\p{N}_]+/gu) ?? []).filter((word) => !table.silent.includes(word));
}

function holds({ title }, words) {
  const said = title.replace(/<[^>]*>/g, "").toLowerCase();
  return words.length > 0 && words.every((word) => said.includes(word));
}

// The ids of the checks that are about these words, the best first.
function ranked(words) {
  const weights = new Map(words.flatMap((word) => (table.said[word] ?? "").split(" ").map((other) => [other, 0.5])));
  weights.delete("");
  for (const word of words) weights.set(word, 1);
  const whole = [...weights.values()].reduce((sum, weight) => sum + weight, 0);
  const ranks = new Map();
  for (const [word, weight] of weights) {
    const about = aboutOf(word);
    for (let n = 0; n < about.length; n += 2) {
      const [rank, held] = ranks.get(about[n]) ?? [0, 0];
      ranks.set(about[n], [rank + weight * about[n + 1], held + weight]);
    }
  }
  const terms = [...weights.keys()];
  const scored = [...ranks].map(([place, [rank, held]]) => [
    table.ids[place],
    rank * table.factors[place] * (held / whole) ** 1.5 * (1 + named(table.ids[place], terms)) * near(place, terms),
  ]);
  return scored.sort((one, other) => other[1] - one[1]).slice(0, MOST).map(([id]) => id);
}

// What the table says of a word, or else of one of its stem.
function aboutOf(word) {
  const stem = word.replace(/(ing|ed|es|s|e)$/, "");
  const known = [word, ...["", "s", "es", "d", "ed", "ing"].map((end) => stem + end)];
  const found = known.find((each) => Object.hasOwn(table.words, each));
  return found === undefined ? [] : table.about[table.words[found]];
}

function named(id, terms) {
  const [area, ...rest] = id.split(".");
  const own = rest.join(".").match(/\w+/g);
  const said = own.filter((word) => terms.some((term) => term === word || term === `${word}s` || word === `${term}s`));
  return (said.length / own.length) ** 2 + (terms.some((term) => term.replace(/s$/, "") === area) ? 0.3 : 0);
}

function near(place, terms) {
  const bare = (word) => word.replace(/s+$/, "");
  const other = table.others[place];
  return other.length && !other.some((name) => terms.some((term) => bare(term) === bare(name))) ? 0.5 : 1;
}
