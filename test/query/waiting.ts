/** Lets what is due run, without waiting for time to pass. */
export function dueWork(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}

/** Whether a promise still is to be kept once everything that is due has run, questions to a store included. */
export async function isPending(promise: Promise<unknown>): Promise<boolean> {
  let pending = true;
  const done = () => {
    pending = false;
  };
  promise.then(done, done);
  for (let i = 0; i < 20; i++) await dueWork();
  return pending;
}
