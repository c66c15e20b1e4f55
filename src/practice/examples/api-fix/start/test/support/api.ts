import assert from "node:assert/strict";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import type { TestContext } from "node:test";
import type { Scan } from "../../src/scans/scan.js";
import { openStore } from "../../src/scans/store.js";
import { createApi } from "../../src/server.js";

export interface Page {
  scans: Scan[];
  next: string | null;
}

/** The API on a port of its own, closed when the test ends, and how a client uses it. */
export async function startApi(t: TestContext, file: string | null = null) {
  const server = createApi(await openStore(file)).listen(0, "127.0.0.1");
  await once(server, "listening");
  t.after(() => server.close());
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

  async function get(path: string): Promise<{ status: number; body: unknown }> {
    const response = await fetch(url + path);
    return { status: response.status, body: await response.json() };
  }

  async function post(body: unknown): Promise<{ status: number; body: unknown }> {
    const response = await fetch(`${url}/scans`, { method: "POST", body: JSON.stringify(body) });
    return { status: response.status, body: await response.json() };
  }

  return {
    get,
    post,

    /** Sends scans, of which only what matters need be given, and returns their ids. */
    async scanned(...scans: Partial<Scan>[]): Promise<number[]> {
      const usual = { parcel: "JD014600", depot: "bremen", kind: "loaded", at: "2026-03-02T05:14:09Z" };
      const { status, body } = await post({ scans: scans.map((scan) => ({ ...usual, ...scan })) });
      assert.equal(status, 201);
      return (body as { ids: number[] }).ids;
    },

    /** Follows `next` from the first page to the last, and returns the pages. */
    async pages(query: string): Promise<Page[]> {
      const pages: Page[] = [];
      let next: string | null = null;
      do {
        const { status, body } = await get(`/scans?${query}${next === null ? "" : `&cursor=${next}`}`);
        assert.equal(status, 200);
        const page = body as Page;
        pages.push(page);
        next = page.next;
      } while (next !== null);
      return pages;
    },
  };
}
