import { ok } from "node:assert/strict";
import type { Page } from "playwright-core";
import { check } from "./_browser.ts";

/** Where the keyboard is on a page. */
export interface FocusStop {
  /** As a screen reader says it; empty where the page itself has the focus. */
  readonly name: string;
  /** Role or tag. */
  readonly kind: string;
  /** Whether a person sees that it has the focus. */
  readonly isRinged: boolean;
  /** Whether it is inside the window. */
  readonly isInView: boolean;
}

/** A person without a mouse. Every stop of the Tab key on the way must be seen. */
export interface Keyboard {
  /** Presses Tab until something of this name has the focus. */
  tabTo(name: string | RegExp): Promise<void>;
  /** The same backwards. */
  backTo(name: string | RegExp): Promise<void>;
  press(...keys: readonly string[]): Promise<void>;
  type(text: string): Promise<void>;
  /** Presses Enter on a link or a form, and waits for the page that comes. */
  follow(): Promise<void>;
  stop(): Promise<FocusStop>;
}

/** Stops on a page at most. */
const MOST_STOPS = 120;

export function openKeyboard(page: Page): Keyboard {
  const stop = async (): Promise<FocusStop> => await check(page, "focusStop") as FocusStop;
  const walk = async (key: string, name: string | RegExp): Promise<void> => {
    const met: string[] = [];
    for (let presses = 0; presses < MOST_STOPS; presses++) {
      await page.keyboard.press(key);
      const now = await stop();
      if (now.name !== "" || now.kind !== "body") {
        ok(now.isRinged, `${now.kind} "${now.name}" does not show that it has the focus`);
        ok(now.isInView, `${now.kind} "${now.name}" is out of sight`);
      }
      met.push(now.name);
      if (typeof name === "string" ? now.name === name : name.test(now.name)) return;
    }
    throw new Error(`${key} does not lead to ${name}, but to ${met.join(" · ")}`);
  };
  return {
    stop,
    tabTo: (name) => walk("Tab", name),
    backTo: (name) => walk("Shift+Tab", name),
    async press(...keys) {
      for (const key of keys) await page.keyboard.press(key);
    },
    async follow() {
      const comes = page.waitForEvent("load");
      await page.keyboard.press("Enter");
      await comes;
    },
    // Hangul comes from an input method, as one text.
    type: (text) => page.keyboard.insertText(text),
  };
}
