/** A number for people: `0.9833`, `12 345`, `1.2e-7`; texts such as NaN stay. */
export function formatNumber(value: number | string): string {
  if (typeof value === "string") return value;
  if (!Number.isFinite(value)) return String(value);
  if (Number.isInteger(value) && Math.abs(value) < 1e15) return grouped(String(value));
  const size = Math.abs(value);
  if (size < 1e-4 || size >= 1e15) return value.toExponential(2);
  if (size >= 1000) return grouped(value.toFixed(1));
  return String(Number(value.toPrecision(4)));
}

const TICK_UNITS = [[1e9, " G"], [1e6, " M"]] as const;

/** A number beside the axis of a chart, where there is little room: `0.25`, `12 000`, `1.2 M`, `5e-7`. */
export function formatTick(value: number): string {
  if (value === 0) return "0";
  const size = Math.abs(value);
  if (size >= 1e12 || size < 1e-4) return String(Number(value.toPrecision(3)).toExponential());
  for (const [unit, sign] of TICK_UNITS) {
    if (size >= unit) return `${Number((value / unit).toPrecision(4))}${sign}`;
  }
  return size < 1000 ? String(Number(value.toPrecision(6))) : formatNumber(value);
}

/** A share of 1 as per cent: `97.3 %`. Never rounded to certainty: `> 99.9 %`, `< 0.1 %`. */
export function formatShare(share: number): string {
  const percent = share * 100;
  if (share < 1 && percent >= 99.95) return "> 99.9 %";
  if (share > 0 && percent < 0.05) return "< 0.1 %";
  return `${percent.toFixed(1)} %`;
}

/** A length of time: `8 ms`, `0.42 s`, `12.3 s`, `2 min 5 s`, `3 h 4 min`. */
export function formatDuration(ms: number): string {
  const seconds = ms / 1000;
  if (ms < 100) return `${Math.round(ms)} ms`;
  if (seconds < 10) return `${seconds.toFixed(2)} s`;
  if (seconds < 60) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${whole % 60} s`;
  return `${Math.floor(whole / 3600)} h ${Math.floor(whole % 3600 / 60)} min`;
}

/** How long ago something was: `just now`, `5 min ago`, `yesterday`, `2026-10-14`. */
export function formatAgo(iso: string, now: number): string {
  const minutes = Math.floor((now - Date.parse(iso)) / 60_000);
  if (minutes < 1) return "just now";
  if (minutes < 60) return `${minutes} min ago`;
  const hours = Math.floor(minutes / 60);
  if (hours < 24) return `${hours} h ago`;
  const days = Math.floor(hours / 24);
  if (days === 1) return "yesterday";
  return days < 14 ? `${days} days ago` : iso.slice(0, 10);
}

/** A time in full, in UTC: `2026-10-14 09:12:33 UTC`. */
export function formatTime(iso: string): string {
  return `${iso.slice(0, 19).replace("T", " ")} UTC`;
}

/** A number of bytes: `512 B`, `1.4 kB`, `23 MB`. */
export function formatSize(bytes: number): string {
  if (bytes < 1000) return `${bytes} B`;
  const units = ["kB", "MB", "GB", "TB"];
  let value = bytes / 1000;
  let unit = 0;
  while (value >= 1000 && unit < units.length - 1) {
    value /= 1000;
    unit++;
  }
  return `${value < 10 ? value.toFixed(1) : Math.round(value)} ${units[unit]}`;
}

/** `1 run`, `2 runs`. */
export function formatCount(count: number, noun: string): string {
  return `${grouped(String(count))} ${noun}${count === 1 ? "" : "s"}`;
}

/** Thin spaces between groups of three digits. */
function grouped(digits: string): string {
  return digits.replace(/\B(?<!\.\d*)(?=(\d{3})+(?!\d))/g, "\u202f");
}
