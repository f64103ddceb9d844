// The values one may filter by, asked once: `{workplace: [{value, count}], …}`.

import { get } from "../api.js";

let asked = null;

/** Never rejects: without facets the filters are empty and the search still works. */
export function facets() {
  asked ??= get("/v1/facets").then(({ body }) => body.facets).catch(() => {
    asked = null;
    return {};
  });
  return asked;
}
