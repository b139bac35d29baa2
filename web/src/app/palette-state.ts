import { create } from 'zustand';

export type PaletteView = 'search' | 'shortcuts';

interface PaletteState {
  view?: PaletteView;
  show(view: PaletteView | undefined): void;
}

/** Which window that belongs to no page is open. */
export const usePalette = create<PaletteState>((set) => ({ show: (view) => set({ view }) }));
