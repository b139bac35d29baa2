import { queryOptions, useQuery } from '@tanstack/react-query';
import { useEffect } from 'react';
import { type Branding, noBranding } from '../../../shared/src/branding.ts';
import { api } from './client.ts';

export type { Branding };

const key = 'sluice.branding';
const productName = 'Sluice';

/** What was shown last on this device, so that nothing changes its look a moment after it appeared. */
function brandingHere(): Branding | undefined {
  try {
    const kept = localStorage.getItem(key);
    return kept === null ? undefined : { ...noBranding, ...JSON.parse(kept) };
  } catch {
    return undefined;
  }
}

export const brandingQuery = queryOptions({
  queryKey: ['branding'],
  queryFn: () => api.get<Branding>('/api/v1/branding'),
  staleTime: 300_000,
  placeholderData: brandingHere,
});

/** What the app is called and looks like here. */
export function useBranding(): Branding & { shownName: string } {
  const branding = useQuery(brandingQuery).data ?? noBranding;
  return { ...branding, shownName: branding.name ?? productName };
}

/** Brings the document in line with the owner's branding, whenever it is known or changes. */
export function ApplyBranding() {
  const branding = useQuery(brandingQuery);
  const { data, isPlaceholderData } = branding;
  // The document is outside of React.
  useEffect(() => {
    if (!data) return;
    const root = document.documentElement;
    if (data.hue === null) {
      delete root.dataset.hue;
      root.style.removeProperty('--hue');
    } else {
      root.dataset.hue = 'own';
      root.style.setProperty('--hue', String(data.hue));
    }
    if (data.name !== null && document.title === productName) document.title = data.name;
    if (!isPlaceholderData) localStorage.setItem(key, JSON.stringify(data));
  }, [data, isPlaceholderData]);
  return null;
}
