import { afterEach, beforeEach } from '@jest/globals';
import { createHome, type Home } from '../system/system.ts';
import { killStarted } from './program.ts';

/** The home of the test that runs. */
export let home: Home;

/** Gives every test of a file a home with these malls; what a test leaves running ends with it. */
export function eachTestHasAHome(malls: readonly string[]): void {
  beforeEach(() => {
    home = createHome(malls);
  });
  afterEach(() => {
    killStarted();
    home.remove();
  });
}
