from .recount import Recount as Recount
from .recount import recount as recount
from .series import series as series
from .study import FollowUpResults as FollowUpResults
from .study import study_follow_up as study_follow_up
