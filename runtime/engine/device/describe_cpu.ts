/** "CPU, 2 threads" */
export function describeCpu(threads: number): string {
  return `CPU, ${threads} ${threads === 1 ? "thread" : "threads"}`;
}
