// Loaded into a process before its program: with each SIGUSR2 the clock of the wall leaps, two days ahead, then three back.
const LEAPS_MS = [2 * 86_400_000, -3 * 86_400_000];
const { now } = Date;
let leaps = 0;
let aheadMs = 0;
Date.now = () => now() + aheadMs;
process.on('SIGUSR2', () => {
  aheadMs += LEAPS_MS[leaps++ % LEAPS_MS.length];
});
