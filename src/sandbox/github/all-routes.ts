import type { RateLimit } from './rate-limit.js';
import { Routes } from './routes.js';
import { addAppRoutes } from './routes/apps.js';
import type { AppParts } from './routes/apps.js';
import { addBlobRoutes } from './routes/blobs.js';
import { addBranchRuleRoutes } from './routes/branch-rules.js';
import { addCheckRoutes } from './routes/checks.js';
import { addCollaboratorRoutes } from './routes/collaborators.js';
import { addCommentRoutes } from './routes/comments.js';
import { addCommitRoutes } from './routes/commits.js';
import { addContentRoutes } from './routes/contents.js';
import { addGitCommitRoutes } from './routes/git-commits.js';
import { addLabelRoutes } from './routes/labels.js';
import { addMergeRoutes } from './routes/merge.js';
import { addPullRoutes } from './routes/pulls.js';
import { addRateLimitRoutes } from './routes/rate-limit.js';
import { addRefRoutes } from './routes/refs.js';
import { addRepositoryRoutes } from './routes/repositories.js';
import { addReviewRoutes } from './routes/reviews.js';
import { addStatusRoutes } from './routes/statuses.js';
import { addTeamRoutes } from './routes/teams.js';
import { addTreeRoutes } from './routes/trees.js';
import { addUserRoutes } from './routes/users.js';

/** The whole table of routes. Where two patterns match, the one added first answers. */
export function allRoutes(app: AppParts, rate: RateLimit): Routes {
  const routes = new Routes();
  addRateLimitRoutes(routes, rate);
  addUserRoutes(routes);
  addAppRoutes(routes, app);
  addTeamRoutes(routes);
  addRepositoryRoutes(routes);
  addRefRoutes(routes);
  addTreeRoutes(routes);
  addBlobRoutes(routes);
  addGitCommitRoutes(routes);
  addContentRoutes(routes);
  // before the commits: a ref may hold slashes
  addCheckRoutes(routes, app.identity.appId);
  addStatusRoutes(routes);
  addCommitRoutes(routes);
  addBranchRuleRoutes(routes);
  addPullRoutes(routes);
  addMergeRoutes(routes);
  addReviewRoutes(routes);
  // 'issues/comments/:id' has another number of segments than 'issues/:number', so the order is free
  addCommentRoutes(routes);
  addLabelRoutes(routes);
  addCollaboratorRoutes(routes);
  return routes;
}
