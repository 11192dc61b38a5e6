/** Addresses by what they are for, the names in them left out: a label of few values. */
const ROUTES: readonly (readonly [RegExp, string])[] = [
  [/^\/(predict|invocations|feedback|metrics|healthz|ping|version|health|login|logout)$/, "/$1"],
  [/^\/models\/[^/]+\/predict$/, "/models/:name/predict"],
  [/^\/models\/[^/]+\/aliases\/[^/]+\/predict$/, "/models/:name/aliases/:alias/predict"],
  [/^\/models\/[^/]+\/versions\/[^/]+\/predict$/, "/models/:name/versions/:version/predict"],
  [/^\/(models|runs|pipelines)$/, "/$1"],
  [/^\/(models|runs|pipelines)\/[^/]+$/, "/$1/:id"],
  [/^\/(models|runs|pipelines)\/[^/]+\/([\w-]+)(?:\.svg)?(?:\/.*)?$/, "/$1/:id/$2"],
  [/^\/(?:ajax-)?api\/2\.0\/(mlflow(?:-artifacts)?)\/.*$/, "/api/2.0/$1"],
  [/^\/api\/(\w+)(?:\/.*)?$/, "/api/$1"],
  [/^\/static\/.*$/, "/static"],
  [/^\/(lineage|openapi\.json|docs|)$/, "/$1"],
];

const KNOWN = new Map<string, string>();

/** The route of a path: `/models/digits/predict` → `/models/:name/predict`. Paths of no route are `other`. */
export function routeOf(path: string): string {
  const known = KNOWN.get(path);
  if (known !== undefined) return known;
  const found = ROUTES.find(([pattern]) => pattern.test(path));
  const route = found === undefined ? "other" : path.replace(found[0], found[1]);
  if (KNOWN.size > 1000) KNOWN.clear();
  KNOWN.set(path, route);
  return route;
}
