// Shows the API's document, of each operation one path: the others that lead to it are told in words.

// The path that is shown first: a project's own, in the newest form; then that of EVS; then whatever there is.
const FORMS = [/^\/v3\/\{project_id\}(?=\/.)/, /^\/v2\/\{project_id\}(?=\/.)/, /^\/v3(?=\/.)/];

// Paths lead to the same where they are alike below their form, and their first operation is called alike.
function form(path, operations) {
  const at = FORMS.findIndex((form) => form.test(path));
  const below = at < 0 ? path.replace(/(.)\/$/, "$1") : "volumes:" + path.replace(FORMS[at], "");
  return { at: at < 0 ? FORMS.length : at, below: below + " " + Object.values(operations)[0].summary };
}

function shown(paths) {
  const ways = new Map();
  for (const path of Object.keys(paths)) {
    const { at, below } = form(path, paths[path]);
    ways.set(below, [...(ways.get(below) ?? []), { at, path }]);
  }
  const kept = {};
  for (const all of ways.values()) {
    const [first, ...others] = all.sort((a, b) => a.at - b.at).map(({ path }) => path);
    kept[first] = paths[first];
    if (others.length === 0) continue;
    for (const [method, operation] of Object.entries(paths[first])) {
      const also = others.filter((path) => method in paths[path]).map((path) => `\`${path}\``);
      const words = also.length ? `Also at ${also.join(" and ")}.` : "";
      operation.description = [operation.description, words].filter(Boolean).join("\n\n");
    }
  }
  return kept;
}

window.onload = async () => {
  // relative to where this page is: a proxy may have put a prefix before it
  const api = await fetch("../openapi.json").then((answer) => answer.json()).catch(() => null);
  if (!api) return document.body.append("The API's document, openapi.json, cannot be read. Load this page again.");
  window.ui = SwaggerUIBundle({
    spec: { ...api, paths: shown(api.paths) },
    dom_id: "#swagger-ui",
    layout: "BaseLayout",
    deepLinking: true,
    displayOperationId: false,
    docExpansion: "list",
    filter: true,
    tryItOutEnabled: true,
    persistAuthorization: true,
    queryConfigEnabled: false,
    validatorUrl: "none", // else its own validator on the network would look at the document
  });
};
