import { createServer, type IncomingMessage, type Server } from "node:http";
import { HttpError } from "./http/http-error.js";
import { readJson, sendJson } from "./http/json.js";
import { latestOf } from "./parcels/latest.js";
import { pageOf, readPageRequest } from "./scans/page.js";
import { readScans } from "./scans/scan.js";
import type { Store } from "./scans/store.js";

interface Answer {
  status: number;
  body: unknown;
}

export function createApi(store: Store): Server {
  return createServer((request, response) => {
    void answer(request, store)
      .catch(toAnswer)
      .then(({ status, body }) => sendJson(response, status, body));
  });
}

async function answer(request: IncomingMessage, store: Store): Promise<Answer> {
  const { pathname, searchParams } = new URL(request.url ?? "/", "http://api");
  const route = `${request.method} ${pathname}`;
  if (route === "POST /scans") {
    const added = await store.add(readScans(await readJson(request)));
    return { status: 201, body: { ids: added.map((scan) => scan.id) } };
  }
  if (route === "GET /scans") {
    const depot = searchParams.get("depot");
    const scans = store.all().filter((scan) => depot === null || scan.depot === depot);
    return { status: 200, body: pageOf(scans, readPageRequest(searchParams)) };
  }
  const parcel = /^GET \/parcels\/([^/]+)$/.exec(route)?.[1];
  if (parcel !== undefined) {
    const latest = latestOf(store.all(), parcel);
    if (latest === null) throw new HttpError(404, `${parcel} was never scanned`);
    return { status: 200, body: latest };
  }
  throw new HttpError(404, `There is no ${route}`);
}

function toAnswer(error: unknown): Answer {
  if (error instanceof HttpError) return { status: error.status, body: { error: error.message } };
  console.error(error);
  return { status: 500, body: { error: "Something went wrong here" } };
}
