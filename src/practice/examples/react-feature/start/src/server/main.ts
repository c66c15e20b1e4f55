import { createServer } from 'node:http'
import { createApp } from './app.js'
import { Board } from './board.js'

const board = await Board.open(process.env['TALKBOARD_FILE'] ?? 'data/board.json')
const port = Number(process.env['PORT'] ?? 3000)
createServer(createApp(board, new URL('../../public/', import.meta.url))).listen(port, '127.0.0.1', () =>
  console.log(`The board is at http://127.0.0.1:${port}`),
)
