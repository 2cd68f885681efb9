from .read import read_register as read_register
from .spec import RegisterSpec as RegisterSpec
from .standardise import MUNICIPALITY as MUNICIPALITY
