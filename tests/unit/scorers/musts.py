"""Must-haves once more, written differently: what may not be shown to somebody, posting by posting, in plain words."""

from catalog.geography import distance_km
from profiles.candidate import Candidate
from profiles.preferences import WantedPlace
from schemas.jobs import Job
from scorers.policy import Policy, RuleOptions
from tests.unit.scorers.builders import NOW, TOWNS

STRICT = Policy(rules=RuleOptions(unknown_pay="require", unknown_credentials="require", unknown_region="require"))


def breaches(job: Job, person: Candidate, options: RuleOptions) -> list[str]:  # noqa: C901  a plain list of must-haves
    """Say in plain words, posting by posting, which must-haves are not met: the rules once more, written differently."""
    wanted, broken = person.preferences, []
    if not job.is_open(NOW):
        broken.append("closed")
    if job.id in person.submitted or job.id in person.dismissed:
        broken.append("done with")
    if job.id in {at for at, standing in person.applications.items() if standing.stage not in {"started", "abandoned"}}:
        broken.append("applied")
    if wanted.salary_min is not None:
        known = job.salary is not None and wanted.currency in {None, job.salary.currency}
        if not known and options.unknown_pay == "require":
            broken.append("pay not known")
        if known and job.salary is not None and (job.salary.yearly()[1] or 0) < wanted.salary_min:
            broken.append("pay")
    if wanted.places and job.workplace != "REMOTE" and not any(_is_at(job, wish) for wish in wanted.places):
        broken.append("place")
    if wanted.workplaces and job.workplace not in wanted.workplaces:
        broken.append("workplace")
    if wanted.employment_types and not set(job.employment_types) & set(wanted.employment_types):
        broken.append("employment type")
    if job.employer.casefold() in {name.casefold() for name in wanted.employers_excluded}:
        broken.append("employer")
    if job.must_haves and (wanted.credentials or options.unknown_credentials == "require"):
        broken.extend(set(job.must_haves) - set(wanted.credentials))
    home = person.traits.get("country")
    if job.applicant_regions and (home or options.unknown_region == "require") and home not in job.applicant_regions:
        broken.append("region")
    return broken


def _is_at(job: Job, wish: WantedPlace) -> bool:
    town = TOWNS.get(wish.label)
    latitude = wish.latitude if wish.latitude is not None else town and town.latitude
    longitude = wish.longitude if wish.longitude is not None else town and town.longitude
    for place in job.places:
        if wish.label and wish.label.casefold() in {place.label.casefold(), (place.locality or "").casefold()}:
            return True
        if latitude and longitude and place.latitude and place.longitude:
            return distance_km(latitude, longitude, place.latitude, place.longitude) <= wish.radius_km
    return False
