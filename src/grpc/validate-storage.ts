// Rules for volumes and files: where they go, what they may be.

import type { ConfigFile, GroupConfig, Volume } from "../model/group.js";
import { at, checkPath, type Report } from "./violations.js";

const MOST_CONTENT = 64 * 1024;
const VOLUME_NAME = /^[a-z0-9]([a-z0-9_.-]{0,62})$/;
/** Read, write and run bits, and nothing that raises rights. */
const MODE = /^0?[0-7]{3}$/;

export function checkStorage(config: GroupConfig, report: Report): void {
  const taken = new Set<string>();
  const volumes = config.volumes ?? [];
  for (const [i, volume] of volumes.entries()) checkVolume(volume, taken, at(report, `volumes[${i}]`));
  const files = config.files ?? [];
  for (const [i, file] of files.entries()) checkFile(file, taken, at(report, `files[${i}]`));
  const total = files.reduce((sum, file) => sum + contentBytes(file), 0);
  if (total > MOST_CONTENT) report("files", `${total} bytes together, at most ${MOST_CONTENT} (64 KiB) are allowed`);
  checkNamesOnce(volumes, report);
}

function checkVolume(volume: Volume, taken: Set<string>, report: Report): void {
  checkPlace(volume.at, taken, report);
  if ("bind" in volume) checkPath(report, "bind", volume.bind);
  else if (!VOLUME_NAME.test(volume.name)) {
    report("name", `"${volume.name}" is not a volume name: a-z 0-9 _ . -, at most 63, starting with a letter or digit`);
  }
}

function checkNamesOnce(volumes: readonly Volume[], report: Report): void {
  const names = volumes.map((volume) => ("name" in volume ? volume.name : undefined));
  for (const [i, name] of names.entries()) {
    if (name !== undefined && names.indexOf(name) < i) report(`volumes[${i}].name`, `"${name}" is named twice`);
  }
}

function checkFile(file: ConfigFile, taken: Set<string>, report: Report): void {
  checkPlace(file.at, taken, report);
  if (file.mode !== undefined && !MODE.test(file.mode)) {
    report("mode", `"${file.mode}" is not a mode in octal from "0000" to "0777"`);
  }
}

function checkPlace(place: string, taken: Set<string>, report: Report): void {
  if (place === "") report("at", "it is required");
  if (place === "" || !checkPath(report, "at", place)) return;
  const plain = place.replace(/\/$/, "");
  if (taken.has(plain)) report("at", `"${place}" is taken by another volume or file of this group`);
  taken.add(plain);
}

function contentBytes(file: ConfigFile): number {
  return Buffer.byteLength(file.content, "base64");
}
