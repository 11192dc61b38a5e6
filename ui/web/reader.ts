import { type Context, createContext } from "hono/jsx";

/** Who reads a page of a server that asks for tokens. */
export interface Reader {
  readonly name: string;
  readonly role: string;
}

/** `null` where nobody has to say who they are, or has said it yet. */
export const ReaderContext: Context<Reader | null> = createContext<Reader | null>(null);
