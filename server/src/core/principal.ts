export type Role = 'admin' | 'member';

/** Who is calling, as far as the key tells. */
export interface Principal {
  keyId: string;
  keyName: string;
  role: Role;
  /** Models this key may use; undefined: all. Entries are names or end in `*`. */
  models?: readonly string[];
}
