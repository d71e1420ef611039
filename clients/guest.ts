// What a program inside a container of Theseus knows of itself, from the environment that it was started with.

import { networkInterfaces } from "node:os";
import { injected, NotInContainerError } from "./injected.js";

/** The namespace, which tells environments apart. @throws NotInContainerError */
export function getEnvironmentName(): string {
  return injected("NAMESPACE");
}

/** @throws NotInContainerError */
export function getServiceName(): string {
  return injected("SERVICE_NAME");
}

/** In their order; none for a group without labels. @throws NotInContainerError */
export function getGroupLabels(): string[] {
  return injected("GROUP_LABELS")
    .split(",")
    .filter((label) => label !== "");
}

/** @throws NotInContainerError */
export function getContainerName(): string {
  return injected("CONTAINER_NAME");
}

/** Of the host that this container is on, as others reach it. @throws NotInContainerError */
export function getContainerHostAddress(): string {
  return injected("CONTAINER_HOST_ADDRESS");
}

/** This container's own address, on its first network. @throws Error when it has no network. */
export function getContainerInternalAddress(): string {
  const addresses = Object.values(networkInterfaces()).flatMap((list) => list ?? []);
  const outward = addresses.filter(({ internal }) => !internal);
  const [first] = [...outward.filter(({ family }) => family === "IPv4"), ...outward];
  if (first === undefined) throw new Error("this container has no network, so it has no address of its own");
  return first.address;
}

/** The port on the host's address, where others reach the named port. @throws Error unless there is one or a default. */
export function getPort(name: string, otherwise?: number): number {
  return portOf("PORT_", name, otherwise);
}

/** The port inside, which the program itself listens on. @throws Error unless there is one or a default. */
export function getExposedPort(name: string, otherwise?: number): number {
  return portOf("EXPOSED_PORT_", name, otherwise);
}

function portOf(prefix: string, name: string, otherwise: number | undefined): number {
  const variable = prefix + name.toUpperCase().replaceAll("-", "_");
  const text = process.env[variable];
  if (text !== undefined && /^\d{1,5}$/.test(text)) return Number(text);
  if (otherwise !== undefined) return otherwise;
  if (process.env["SERVICE_NAME"] === undefined) throw new NotInContainerError(variable);
  const names = Object.keys(process.env).flatMap((key) => (key.startsWith(prefix) ? [key.slice(prefix.length)] : []));
  const known = names.map((known) => known.toLowerCase().replaceAll("_", "-")).sort();
  throw new Error(`this container has no port named ${name}: ${known.length === 0 ? "it has none" : known.join(", ")}`);
}
