from .study import FollowUpResults as FollowUpResults
from .study import study_follow_up as study_follow_up
