import type { Route } from '../http/routes.js'
import { appRoutes } from './app.js'
import { checkRoutes } from './checks.js'
import { commentRoutes } from './comments.js'
import { commitRoutes } from './commits.js'
import { contentRoutes } from './contents.js'
import { gitDataRoutes } from './git-data.js'
import { issueRoutes } from './issues.js'
import { peopleRoutes } from './people.js'
import { pullRoutes } from './pulls.js'
import { refRoutes } from './refs.js'
import { reviewCommentRoutes } from './review-comments.js'
import { reviewRoutes } from './reviews.js'
import { teamRoutes } from './teams.js'

/** Every REST route. The first that fits wins, so what is narrower comes first. */
export const routes: Route[] = [
  ...appRoutes,
  ...peopleRoutes,
  ...teamRoutes,
  ...checkRoutes,
  ...commitRoutes,
  ...contentRoutes,
  ...gitDataRoutes,
  ...refRoutes,
  ...commentRoutes,
  ...issueRoutes,
  ...reviewCommentRoutes,
  ...reviewRoutes,
  ...pullRoutes,
]
