"""What seals personal fields in this process: the master keys of the settings, and where personal keys are kept."""

from typing import TYPE_CHECKING

from api.errors import StoreAway
from api.master_keys import MasterKeys, UnknownMasterKey, UnusableMasterKeys, new_master_keys, parse_master_keys
from api.personal_keys import RedisPersonalKeys
from api.vault import Vault
from careerstream.errors import Stopped
from careerstream.parts import redis_client
from careerstream.settings import PREFIX, PrivacySettings, Settings

if TYPE_CHECKING:
    import redis.asyncio


def master_keys_in_force(settings: PrivacySettings, *, embedded: bool) -> MasterKeys:
    """Answer the master keys, or raise Stopped with the sentence that says what is missing."""
    name = f"{PREFIX}PRIVACY__MASTER_KEYS"
    try:
        if settings.master_keys is not None:
            return parse_master_keys(settings.master_keys.get_secret_value())
        if settings.master_keys_file is not None:
            return parse_master_keys(settings.master_keys_file.read_text())
    except (UnusableMasterKeys, OSError) as error:
        raise Stopped(f"{name}: {error}") from error
    if embedded:
        return new_master_keys()
    raise Stopped(
        f"real servers want a master key that seals names and addresses: set {name} to k1:$(openssl rand -base64 32), "
        f"or {name}_FILE to a file with it, and keep it (docs/privacy.md)"
    )


def build_vault(settings: Settings, client: "redis.asyncio.Redis", masters: MasterKeys) -> Vault:
    """Answer the vault, which keeps personal keys in `client`."""
    return Vault(RedisPersonalKeys(client, settings.redis.namespace), masters)


def personal_redis(settings: Settings, client: "redis.asyncio.Redis") -> "redis.asyncio.Redis":
    """Answer where personal keys and the index of addresses are: `client`, the profiles' Redis, unless they have one of their own."""
    apart = settings.privacy.key_store
    return redis_client(settings, apart, max_connections=64) if apart else client


async def run_rotation(settings: Settings, *, url: str) -> int:
    """Wrap every personal key with the current master key; answer how many that were."""
    client = redis_client(settings, url)
    try:
        masters = master_keys_in_force(settings.privacy, embedded=False)
        return await build_vault(settings, personal_redis(settings, client), masters).rotate()
    except UnknownMasterKey as error:
        raise Stopped(
            f"{error}: put it behind the current one in {PREFIX}PRIVACY__MASTER_KEYS until this has run"
        ) from error
    except StoreAway as error:
        raise Stopped(error.message) from error
    finally:
        await client.aclose()
