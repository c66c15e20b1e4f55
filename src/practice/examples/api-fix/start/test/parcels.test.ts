import assert from "node:assert/strict";
import { test } from "node:test";
import type { Scan } from "../src/scans/scan.js";
import { startApi } from "./support/api.js";

test("tells a parcel's latest scan by its time, whenever it came in", async (t) => {
  const api = await startApi(t);
  await api.scanned(
    { parcel: "JD014601", kind: "loaded", at: "2026-03-02T07:00:00Z" },
    { parcel: "JD014602", kind: "delivered", at: "2026-03-02T09:00:00Z" },
    { parcel: "JD014601", kind: "arrived", at: "2026-03-02T05:00:00Z" },
  );
  const { status, body } = await api.get("/parcels/JD014601");
  assert.equal(status, 200);
  assert.equal((body as Scan).kind, "loaded");
});

test("says when a parcel was never scanned", async (t) => {
  const api = await startApi(t);
  assert.deepEqual(await api.get("/parcels/JD014699"), {
    status: 404,
    body: { error: "JD014699 was never scanned" },
  });
});
