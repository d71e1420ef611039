// What Theseus gives to each container in its environment.

/** Said by everything here that needs a container of Theseus and is not in one. */
export class NotInContainerError extends Error {
  constructor(readonly variable: string) {
    super(
      `${variable} is not set: this program was not started by Theseus, which gives it to each container. ` +
        `Outside of one, set ${variable} yourself, or pass what it stands for.`,
    );
    this.name = "NotInContainerError";
  }
}

/** An injected variable, which may be empty. @throws NotInContainerError */
export function injected(variable: string): string {
  const value = process.env[variable];
  if (value === undefined) throw new NotInContainerError(variable);
  return value;
}
