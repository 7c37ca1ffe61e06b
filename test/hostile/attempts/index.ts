/** Every attempt, by group. */
import type { Group } from '../attempt.ts';
import { environment } from './environment.ts';
import { files } from './files.ts';
import { gate } from './gate.ts';
import { git } from './git.ts';
import { kernel } from './kernel.ts';
import { network } from './network.ts';
import { resources } from './resources.ts';
import { robustness } from './robustness.ts';
import { secrets } from './secrets.ts';

export const GROUPS: readonly Group[] = [
  files,
  kernel,
  git,
  network,
  gate,
  secrets,
  environment,
  resources,
  robustness,
];
