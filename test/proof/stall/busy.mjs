// Loaded into a server before all else: at SIGUSR2 its event loop is busy for as long as the environment says, and nothing
// else happens in it. The rest of the server is as it is.

const length = Number(process.env.BUSY_MS);

process.on("SIGUSR2", () => {
  for (const end = performance.now() + length; performance.now() < end; );
});
