// Rules for what runs: image, command, user, environment, resources, networks, labels, logging.

import type { GroupConfig, Logging } from "../model/group.js";
import { at, checkPath, checkRange, checkText, type Report } from "./violations.js";

const MIB = 1024 * 1024;
/** The smallest limit that Docker takes. */
const LEAST_MEM = 6 * MIB;
const MOST_MEM = 2 ** 50;
const MOST_CPU = 4096;
const ENV_NAME = /^[A-Za-z_][A-Za-z0-9_.-]{0,254}$/;
const USER = /^[A-Za-z0-9_][A-Za-z0-9_.-]{0,63}(:[A-Za-z0-9_][A-Za-z0-9_.-]{0,63})?$/;
const DOCKER_NAME = /^[A-Za-z0-9][A-Za-z0-9_.-]{0,127}$/;
const IMAGE =
  /^(?:(?:[A-Za-z0-9][A-Za-z0-9.-]*(?::\d{1,5})?|\[[0-9a-f:]+\](?::\d{1,5})?)\/)?[a-z0-9]+(?:(?:\.|__?|-+)[a-z0-9]+)*(?:\/[a-z0-9]+(?:(?:\.|__?|-+)[a-z0-9]+)*)*(?::\w[\w.-]{0,127})?(?:@sha256:[0-9a-f]{64})?$/;
const IMAGE_ID = /^sha256:[0-9a-f]{64}$/;
const LOG_DRIVERS: readonly string[] = ["local", "json-file", "journald", "none"];
const INJECTED: readonly string[] = [
  "SERVICE_NAME",
  "GROUP_LABELS",
  "CONTAINER_NAME",
  "NAMESPACE",
  "CONTAINER_HOST_ADDRESS",
  "THESEUS_SERVER",
];

export function checkContainer(config: GroupConfig, report: Report): void {
  checkImage(config.image, report);
  checkWords(at(report, "command"), config.command);
  checkWords(at(report, "args"), config.args);
  if (config.workdir !== undefined && config.workdir !== "/") checkPath(report, "workdir", config.workdir);
  if (config.user !== undefined && !USER.test(config.user)) {
    report("user", `"${config.user}" is not a user, nor user:group`);
  }
  checkEnv(config.env ?? {}, at(report, "env"));
  checkResources(config, report);
  checkNetworks(config.networks ?? [], report);
  checkDockerLabels(config.dockerLabels ?? {}, at(report, "docker_labels"));
  checkLogging(config.logging, at(report, "logging"));
}

function checkImage(image: string, report: Report): void {
  if (image === "") report("image", "it is required");
  else if (image.length > 512 || (!IMAGE.test(image) && !IMAGE_ID.test(image))) {
    report("image", `"${image.slice(0, 80)}" is not an image reference like shop-web:1`);
  }
}

function checkWords(report: Report, words: readonly string[] | undefined): void {
  if (words === undefined) return;
  if (words.length > 1000) report("", `it has ${words.length} words, at most 1000 are allowed`);
  for (const [i, word] of words.entries()) checkText(report, `[${i}]`, word, 32 * 1024);
}

function checkEnv(env: Readonly<Record<string, string>>, report: Report): void {
  for (const [name, value] of Object.entries(env)) {
    if (!ENV_NAME.test(name)) report(name, `"${name}" is not a name of an environment variable`);
    else if (INJECTED.includes(name) || /^(EXPOSED_)?PORT_/.test(name)) {
      report(name, "Theseus sets this variable itself; choose another name");
    }
    checkText(report, name, value, 32 * 1024);
  }
}

function sizeText(bytes: number): string {
  return bytes % 2 ** 20 === 0 ? `${bytes / 2 ** 20} MiB` : `${bytes} bytes`;
}

function checkResources(config: GroupConfig, report: Report): void {
  const { cpu, mem } = config;
  if (cpu !== undefined && !(cpu >= 0.01 && cpu <= MOST_CPU)) {
    report("cpu", `${cpu} is not a number of cores from 0.01 to ${MOST_CPU}`);
  }
  if (mem !== undefined && !(mem >= LEAST_MEM && mem <= MOST_MEM)) {
    report("mem", `${sizeText(mem)} is not between 6 MiB and 1024 TiB`);
  }
  checkRange(report, "instances", config.instances, [0, 1000]);
  checkRange(report, "weight", config.weight, [0, 1000]);
}

function checkNetworks(networks: readonly string[], report: Report): void {
  for (const [i, network] of networks.entries()) {
    const field = `networks[${i}]`;
    if (!DOCKER_NAME.test(network)) report(field, `"${network}" is not a name of a Docker network`);
    else if (networks.indexOf(network) < i) report(field, `"${network}" is named twice`);
  }
  if (networks.length > 16) report("networks", `${networks.length} networks, at most 16 are allowed`);
  if (networks.includes("host") && networks.length > 1) report("networks", `"host" has to stand alone`);
}

function checkDockerLabels(labels: Readonly<Record<string, string>>, report: Report): void {
  for (const [key, value] of Object.entries(labels)) {
    if (key === "theseus" || key.startsWith("theseus."))
      report(key, "labels that start with theseus. are Theseus's own");
    else if (!/^[\x21-\x3c\x3e-\x7e]{1,255}$/.test(key)) report(key, `"${key}" is not a key of a Docker label`);
    checkText(report, key, value, 32 * 1024);
  }
}

function checkLogging(logging: Logging | undefined, report: Report): void {
  if (logging === undefined) return;
  const { driver = "local", maxSize, maxFile } = logging;
  if (!LOG_DRIVERS.includes(driver)) report("driver", `"${driver}" is none of ${LOG_DRIVERS.join(", ")}`);
  const rotates = driver === "local" || driver === "json-file";
  if (maxSize !== undefined && !/^[1-9]\d{0,11}[kmg]?$/.test(maxSize)) {
    report("max_size", `"${maxSize}" is not a size like 10m`);
  }
  checkRange(report, "max_file", maxFile, [1, 100]);
  if (!rotates && maxSize !== undefined) report("max_size", `driver ${driver} has no such option`);
  if (!rotates && maxFile !== undefined) report("max_file", `driver ${driver} has no such option`);
}
