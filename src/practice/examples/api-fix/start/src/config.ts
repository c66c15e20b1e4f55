export interface Config {
  port: number;
  /** Where scans are kept; null keeps them in memory only. */
  file: string | null;
}

export function readConfig(env: NodeJS.ProcessEnv): Config {
  const port = Number(env["PORT"] ?? 8080);
  if (!Number.isInteger(port) || port < 0 || port > 65535) {
    throw new Error(`PORT is ${env["PORT"]}, but must be a number from 0 to 65535`);
  }
  return { port, file: env["SCANS_FILE"] || null };
}
