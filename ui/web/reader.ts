import { type Context, createContext } from "hono/jsx";
import { mayAct, type Role } from "../../runtime/access/mod.ts";

/** Who reads a page of a server that asks for tokens. */
export interface Reader {
  readonly name: string;
  readonly role: Role;
}

/** `null` where nobody has to say who they are, or has said it yet. */
export const ReaderContext: Context<Reader | null> = createContext<Reader | null>(null);

/** Whether a page offers its reader what needs a role; asked without one, the server says no all the same. */
export function readerMay(reader: Reader | null, needed: Role): boolean {
  return reader === null || mayAct(reader.role, needed);
}
