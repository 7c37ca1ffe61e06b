/** Thrown where a promise is broken; the message names the rule. */
export const broken = (rule: string, what: string): never => {
  throw new Error(`${rule}: ${what}`);
};
