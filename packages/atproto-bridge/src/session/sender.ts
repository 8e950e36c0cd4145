/** What an agent needs of a session. */
export interface Sender {
  send(url: string, init: RequestInit): Promise<Response>
  /** Tells the server that it is over. What fails there does not matter here. */
  end(): Promise<void>
}
