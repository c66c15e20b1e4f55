/** What keeps a command of an agent from the rest of the machine: bubblewrap, a container for each, or nothing. */
export type Sandbox = 'bwrap' | 'docker' | 'none'
