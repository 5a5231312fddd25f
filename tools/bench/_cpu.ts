// The processor's time of programs, as Linux counts it.

/** In /proc, times are in hundredths of a second. */
const TICKS = 100;

/** The processor's time that a process has had, in seconds. */
export async function readCpu(pid: number): Promise<number> {
  const stat = await Deno.readTextFile(`/proc/${pid}/stat`);
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[11]) + Number(fields[12])) / TICKS;
}
