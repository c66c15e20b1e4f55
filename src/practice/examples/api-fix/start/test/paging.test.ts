import assert from "node:assert/strict";
import { test } from "node:test";
import { startApi } from "./support/api.js";

test("goes through all scans page by page, newest first", async (t) => {
  const api = await startApi(t);
  await api.scanned(
    { at: "2026-03-02T05:00:00Z" },
    { at: "2026-03-02T07:00:00Z" },
    { at: "2026-03-02T06:00:00Z" },
    { at: "2026-03-02T09:00:00Z" },
    { at: "2026-03-02T08:00:00Z" },
  );
  const pages = await api.pages("limit=2");
  assert.deepEqual(
    pages.map(({ scans }) => scans.map(({ id }) => id)),
    [[4, 5], [2, 3], [1]],
  );
});

test("keeps to one depot from page to page", async (t) => {
  const api = await startApi(t);
  await api.scanned(
    { depot: "bremen", at: "2026-03-02T05:00:00Z" },
    { depot: "kassel", at: "2026-03-02T06:00:00Z" },
    { depot: "bremen", at: "2026-03-02T07:00:00Z" },
  );
  const pages = await api.pages("depot=bremen&limit=1");
  assert.deepEqual(
    pages.map(({ scans }) => scans.map(({ id }) => id)),
    [[3], [1]],
  );
});

test("ends with the last scan, without an empty page behind it", async (t) => {
  const api = await startApi(t);
  await api.scanned({ at: "2026-03-02T05:00:00Z" }, { at: "2026-03-02T06:00:00Z" });
  assert.equal((await api.pages("limit=2")).length, 1);
});

test("refuses a limit or a cursor that it can't go by", async (t) => {
  const api = await startApi(t);
  for (const limit of ["0", "501", "many", "1.5"]) {
    assert.deepEqual(await api.get(`/scans?limit=${limit}`), {
      status: 400,
      body: { error: "limit must be a number from 1 to 500" },
    });
  }
  for (const cursor of ["", "bm9uc2Vuc2U", "2026-03-02T05:00:00.000Z"]) {
    assert.deepEqual(await api.get(`/scans?cursor=${cursor}`), {
      status: 400,
      body: { error: "cursor must be the `next` of the page before" },
    });
  }
});
