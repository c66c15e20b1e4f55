import { readConfig } from "./config.js";
import { openStore } from "./scans/store.js";
import { createApi } from "./server.js";

const { port, file } = readConfig(process.env);
const api = createApi(await openStore(file));
api.listen(port, () => console.log(`Listening on port ${port}`));

for (const signal of ["SIGINT", "SIGTERM"] as const) {
  process.once(signal, () => api.close());
}
