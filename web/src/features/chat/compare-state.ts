import { create } from 'zustand';

interface CompareState {
  /** The models that the next message goes to, side by side; undefined while nobody compares. */
  models?: string[];
  choose(models: string[] | undefined): void;
}

/** It outlives the page of one chat: the first message opens another. */
export const useCompare = create<CompareState>((set) => ({ choose: (models) => set({ models }) }));
