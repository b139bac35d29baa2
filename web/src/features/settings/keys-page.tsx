import { Keys } from './keys.tsx';

/** One's own keys. */
export default function OwnKeysPage() {
  return <Keys />;
}
