// Which folder may import what. docs/architecture.md says why.

/** A folder of src/ and the only other folders of src/ that it may import. */
const bounds = {
  model: [],
  planner: ["model"],
  scheduler: ["model", "planner"],
  catalog: ["model"],
  etcd: ["model"],
  embedded: ["model"],
  docker: ["model"],
  health: ["model"],
  logs: ["model"],
  stats: ["model"],
  http: ["model"],
  grpc: ["model", "planner"],
};

const folderBounds = Object.entries(bounds).map(([folder, allowed]) => ({
  name: `${folder}-bounds`,
  comment: `src/${folder}/ imports of src/ only ${["itself", ...allowed].join(", ")}`,
  severity: "error",
  from: { path: `^src/${folder}/` },
  to: { path: "^src/", pathNot: `^src/(${[folder, ...allowed].join("|")})/` },
}));

/** A package and the only place that may import it. */
const owners = {
  etcd3: "src/etcd/wire\\.ts$",
  dockerode: "src/docker/",
  pino: "src/log\\.ts$",
  "classic-level": "src/embedded/",
};

const packageOwners = Object.entries(owners).map(([name, owner]) => ({
  name: `${name}-has-one-owner`,
  severity: "error",
  from: { path: "^(src|clients|bin)/", pathNot: `^${owner}` },
  to: { path: `(^|/)node_modules/(@types/)?${name}/` },
}));

const others = [
  {
    name: "no-circle",
    severity: "error",
    from: { path: "^(src|clients|test|examples)/", pathNot: "^(clients|src/embedded)/gen/" },
    to: { circular: true },
  },
  {
    name: "pure-folders-import-nothing",
    comment: "model/ and planner/ know no package and nothing of Node",
    severity: "error",
    from: { path: "^src/(model|planner)/" },
    to: { pathNot: "^src/(model|planner)/" },
  },
  {
    name: "grpc-only-in-grpc",
    comment:
      "health/ asks others through grpc-js; embedded/ serves etcd's API; etcd/wire.ts meets its types through etcd3",
    severity: "error",
    from: { path: "^src/", pathNot: "^src/(grpc/|health/|embedded/|etcd/wire\\.ts$)" },
    to: { path: "(^|/)node_modules/@grpc/" },
  },
  {
    name: "generated-only-in-grpc",
    severity: "error",
    from: { path: "^src/", pathNot: "^src/grpc/" },
    to: { path: "^clients/" },
  },
  {
    name: "grpc-only-generated-clients",
    severity: "error",
    from: { path: "^src/grpc/" },
    to: { path: "^clients/", pathNot: "^clients/gen/" },
  },
  {
    name: "clients-never-import-src",
    severity: "error",
    from: { path: "^clients/" },
    to: { path: "^(src|test|examples|bin)/" },
  },
  {
    name: "library-without-cli",
    comment: "what other backends install has no command line in it",
    severity: "error",
    from: { path: "^clients/", pathNot: "^clients/(cli|viewer)/" },
    to: { path: "^clients/(cli|viewer)/" },
  },
  {
    name: "page-knows-the-wire-alone",
    comment:
      "of the package, what runs in a browser has the filter language and what the gateway says; nothing has the page",
    severity: "error",
    from: { path: "^clients/viewer/page/" },
    to: { path: "^clients/", pathNot: "^clients/(viewer/page/|viewer/wire[^/]*\\.ts$|filter/)" },
  },
  {
    name: "nothing-imports-the-page",
    severity: "error",
    from: { path: "^(src|clients|bin)/", pathNot: "^clients/viewer/page/" },
    to: { path: "^clients/viewer/page/" },
  },
  {
    name: "nothing-imports-tests",
    severity: "error",
    from: { path: "^(src|clients|bin)/" },
    to: { path: "^(test|examples|\\.ci)/" },
  },
  {
    name: "resolvable",
    severity: "error",
    from: { path: "^(src|clients|test|examples|bin)/", pathNot: "^clients/viewer/page/" },
    to: { couldNotResolve: true },
  },
];

export default {
  forbidden: [...folderBounds, ...packageOwners, ...others],
  options: {
    parser: "swc",
    tsConfig: { fileName: "tsconfig.json" },
    tsPreCompilationDeps: true,
    doNotFollow: { path: "node_modules" },
    // Its parser reads no JSX; .ci/checks/tsx-bounds.mjs holds the same rules there.
    exclude: { path: "(^|/)dist/|\\.tsx$" },
    enhancedResolveOptions: {
      exportsFields: ["exports"],
      extensions: [".ts", ".js", ".mjs", ".d.ts"],
      conditionNames: ["import", "types", "default"],
    },
  },
};
