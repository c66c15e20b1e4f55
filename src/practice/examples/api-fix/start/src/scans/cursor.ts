import { HttpError } from "../http/http-error.js";

/** Where a page ended: the time of its last scan, in a form that clients don't take apart. */
export function writeCursor(at: string): string {
  return Buffer.from(at).toString("base64url");
}

export function readCursor(cursor: string): string {
  const at = Buffer.from(cursor, "base64url").toString();
  if (!/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/.test(at)) {
    throw new HttpError(400, "cursor must be the `next` of the page before");
  }
  return at;
}
