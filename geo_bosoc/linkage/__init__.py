"""Rows that have a key instead of a place: who lived where on a date, and what each row is then."""

from geo_bosoc.linkage.address_register import AddressBook
from geo_bosoc.linkage.benefit_lists import BenefitList, list_benefit_lists, load_benefits
from geo_bosoc.linkage.link import Linked, check_links, link_registers, needs_linking
from geo_bosoc.linkage.population import REASONS, Population, make_population

__all__ = [
    "REASONS",
    "AddressBook",
    "BenefitList",
    "Linked",
    "Population",
    "check_links",
    "link_registers",
    "list_benefit_lists",
    "load_benefits",
    "make_population",
    "needs_linking",
]
