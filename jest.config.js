const swc = ["@swc/jest", { jsc: { target: "es2023", parser: { syntax: "typescript" } }, module: { type: "es6" } }];

/** @type {import("jest").Config} */
export default {
  cacheDirectory: "<rootDir>/.build/jest",
  testEnvironment: "node",
  roots: ["<rootDir>/test"],
  testMatch: ["**/*.test.ts"],
  extensionsToTreatAsEsm: [".ts"],
  moduleNameMapper: { "^(\\.{1,2}/.*)\\.js$": "$1" },
  transform: { "^.+\\.ts$": swc },
  // A backstop against hanging, far above what a loaded machine needs: no test asserts on time.
  testTimeout: 60_000,
  workerIdleMemoryLimit: "512MB",
};
