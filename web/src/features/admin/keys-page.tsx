import { Keys } from '../settings/keys.tsx';

/** The keys of the organisation. */
export default function KeysPage() {
  return <Keys all />;
}
